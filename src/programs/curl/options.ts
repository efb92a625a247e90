import { CommandError } from "../errors.js";

/** What an option takes: nothing, a value, or that it is none of this curl's. */
type Kind = "flag" | "value" | "unsupported";

/** The options of curl by their names, each with its letter and its kind. */
const table = new Map<string, { letter: string; kind: Kind }>();

function add(kind: Kind, names: string): void {
  for (const name of names.split(" ")) {
    const [long = "", letter = ""] = name.split(",");
    table.set(long, { letter, kind });
  }
}

add(
  "value",
  "cacert connect-timeout cookie,b data,d data-ascii data-binary data-raw data-urlencode dump-header,D form,F form-string header,H json max-redirs max-time,m oauth2-bearer output,o output-dir range,r referer,e request,X retry retry-delay retry-max-time unix-socket upload-file,T url url-query user,u user-agent,A write-out,w",
);
add(
  "flag",
  "basic compressed create-dirs fail,f fail-early fail-with-body get,G globoff,g head,I http1.1 include,i insecure,k ipv4,4 ipv6,6 location,L location-trusted no-buffer,N no-progress-meter path-as-is post301 post302 post303 progress-bar,# remote-name,O remote-name-all retry-all-errors retry-connrefused show-error,S silent,s tcp-nodelay tlsv1,1 tlsv1.2 tlsv1.3 verbose,v",
);
add(
  "unsupported",
  "aws-sigv4 cert,E config,K connect-to continue-at,C cookie-jar,c digest ftp-pasv http1.0,0 http2 http3 interface key limit-rate negotiate netrc,n next,: ntlm parallel,Z pinnedpubkey preproxy proxy,x proxy-user,U remote-header-name,J resolve socks5 socks5-hostname stderr trace trace-ascii",
);

/** What curl was called with. */
export class CurlOptions {
  /** In the order in which they came; of one without a value, that is null. */
  readonly given: { name: string; value: string | null; shown: string }[] = [];
  readonly urls: string[] = [];
  readonly #off = new Set<string>();

  /** `shown` is how it was written. */
  set(name: string, value: string | null, shown: string, on = true): void {
    if (on) this.#off.delete(name);
    else this.#off.add(name);
    if (name === "url") this.urls.push(value as string);
    else if (on) this.given.push({ name, value, shown });
  }

  has(name: string): boolean {
    return !this.#off.has(name) && this.given.some((option) => option.name === name);
  }

  /** The value of the last of that name. */
  value(name: string): string | undefined {
    return this.given.findLast((option) => option.name === name)?.value ?? undefined;
  }

  values(name: string): string[] {
    return this.given.filter((option) => option.name === name).map(({ value }) => value ?? "");
  }

  /** A value that is a number of at least 0, in the unit that it was given in. */
  number(name: string): number | undefined {
    const last = this.given.findLast((option) => option.name === name);
    if (last === undefined) return undefined;
    if (!/^\d+(\.\d*)?$|^\.\d+$/.test(last.value ?? ""))
      throw usageOf(last.shown, "expected a proper numerical parameter");
    return Number(last.value);
  }
}

export function optionsOf(args: readonly string[]): CurlOptions {
  const options = new CurlOptions();
  let at = 0;
  const value = (shown: string): string => {
    const text = args[at++];
    if (text === undefined) throw usageOf(shown, "requires parameter");
    return text;
  };
  while (at < args.length) {
    const arg = args[at++] as string;
    if (arg === "--") break;
    if (arg.startsWith("--")) long(options, arg, value);
    else if (arg.startsWith("-") && arg.length > 1) letters(options, arg, value);
    else options.set("url", arg, arg);
  }
  for (const arg of args.slice(at)) options.set("url", arg, arg);
  return options;
}

function long(options: CurlOptions, arg: string, value: (shown: string) => string): void {
  const given = arg.slice(2);
  const off = given.startsWith("no-") && table.get(given.slice(3))?.kind === "flag";
  const name = off ? given.slice(3) : given;
  take(options, name, arg, off ? null : () => value(arg));
}

/** Letters may stand together, and a value right behind its letter. */
function letters(options: CurlOptions, arg: string, value: (shown: string) => string): void {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at);
    const rest = arg.slice(at + 1);
    const shown = `-${letter}`;
    if (take(options, byLetter(letter), shown, () => (rest === "" ? value(shown) : rest))) return;
  }
}

function byLetter(letter: string): string {
  for (const [name, option] of table) if (option.letter === letter) return name;
  return "";
}

/** Whether the option took a value. `value` is null where it is switched off. */
function take(options: CurlOptions, name: string, shown: string, value: (() => string) | null): boolean {
  const kind = table.get(name)?.kind;
  if (kind === undefined) throw usageOf(shown, "is unknown");
  if (kind === "unsupported") throw usageOf(shown, "the installed libcurl version doesn't support this");
  const text = kind === "value" && value !== null ? value() : null;
  options.set(name, text, shown, value !== null);
  return text !== null;
}

/** What curl says to who calls it wrongly. */
export function usageError(message: string): CommandError {
  return new CommandError(`${message}\ncurl: try 'curl --help' or 'curl --manual' for more information`, 2);
}

function usageOf(shown: string, what: string): CommandError {
  return usageError(`option ${shown}: ${what}`);
}
