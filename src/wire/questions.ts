import type { QuestionKind } from "./messages.js";

/** All kinds of questions about names. Their order is their number in system calls. */
export const questionKinds = [
  "lookup",
  "reverse",
  "A",
  "AAAA",
  "ANY",
  "CAA",
  "CNAME",
  "MX",
  "NAPTR",
  "NS",
  "PTR",
  "SOA",
  "SRV",
  "TLSA",
  "TXT",
] as const satisfies QuestionKind[];
