import { EADDRINUSE, EADDRNOTAVAIL, EINVAL } from "../../syscall/errno.js";
import { FAMILY_IPV4, FAMILY_IPV6 } from "../../syscall/socket-name.js";
import { primordials } from "../internals.js";
import { isAddress, isAnyAddress } from "./socket-name.js";

const { SafeSet, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeHas, StringPrototypeSplit } = primordials;

/** The groups that a socket has joined, in which nobody of a machine sends anything. */
export class Memberships {
  readonly #joined: Set<string> = new SafeSet();

  /** 0, or a negative errno; `source` is "" for all. */
  join(group: string, source: string, nearby: string | undefined): number {
    const error = groupError(group, source, nearby);
    if (error !== 0) return error;
    const key = `${group} ${source}`;
    if (SetPrototypeHas(this.#joined, key)) return -EADDRINUSE;
    SetPrototypeAdd(this.#joined, key);
    return 0;
  }

  leave(group: string, source: string, nearby: string | undefined): number {
    const error = groupError(group, source, nearby);
    if (error !== 0) return error;
    return SetPrototypeDelete(this.#joined, `${group} ${source}`) ? 0 : -EADDRNOTAVAIL;
  }
}

function groupError(group: string, source: string, nearby: string | undefined): number {
  const ofInterface = nearby === undefined || nearby === "" || isAnyAddress(nearby);
  return isMulticast(group) && (source === "" || isAnyAddress(source)) && ofInterface ? 0 : -EINVAL;
}

function isMulticast(address: string): boolean {
  if (isAddress(address, FAMILY_IPV6)) return address[0] === "f" && address[1] === "f";
  if (!isAddress(address, FAMILY_IPV4)) return false;
  const first = +(StringPrototypeSplit(address, ".")[0] as string);
  return first >= 224 && first < 240;
}
