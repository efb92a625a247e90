// needs: date-fns
import {
  addMonths,
  differenceInBusinessDays,
  eachWeekOfInterval,
  format,
  formatDistance,
  parse,
} from "date-fns";
import { fr, ja } from "date-fns/locale";

const at = new Date(2024, 1, 29, 13, 5);
console.log(
  format(at, "PPPPpppp"),
  format(at, "PPPP", { locale: fr }),
  format(at, "PPPP", { locale: ja }),
  formatDistance(at, addMonths(at, 14)),
);
console.log(
  differenceInBusinessDays(addMonths(at, 1), at),
  eachWeekOfInterval({ start: at, end: addMonths(at, 1) }),
  parse("31/12/2020", "dd/MM/yyyy", at),
);
