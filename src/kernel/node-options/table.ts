/**
 * What becomes of every command line option of Node 26.10.0 when a guest program is started as `node`:
 * a test compares the lists with the pinned binary.
 *
 * - environment: Node heeds it for one environment alone. It goes to the guest's worker.
 * - start: it concerns how a program begins, or only the value that Node's library reads of it. Our boot
 *   does what Node's main thread would.
 * - refused: it reaches for what a guest doesn't have (files of the host, a debugger, a process of its
 *   own), or nothing could be done about it. Refused as one that Node doesn't know.
 *
 * V8's own flags are in `v8-flags.ts`.
 */

/** Names of options, by the kind of their value. */
interface OptionNames {
  boolean: string;
  string?: string;
  number?: string;
  list?: string;
  /** Accepted and without any effect, by Node itself. */
  nothing?: string;
}

export const environmentOptions: OptionNames = {
  boolean:
    "--addons --allow-addons --allow-child-process --allow-inspector --allow-net --allow-openssl-store " +
    "--allow-wasi --allow-worker --async-context-frame --deprecation --enable-source-maps --entry-url " +
    "--experimental-addon-modules --experimental-bench --experimental-detect-module " +
    "--experimental-eventsource --experimental-global-navigator --experimental-import-meta-resolve " +
    "--experimental-import-text --experimental-print-required-tla --experimental-repl-await " +
    "--experimental-require-module --experimental-sqlite --experimental-stream-iter " +
    "--experimental-test-module-mocks --experimental-vfs --experimental-vm-modules " +
    "--experimental-web-worker --experimental-websocket --experimental-webstorage " +
    "--extra-info-on-fatal-exception --force-async-hooks-checks --force-context-aware " +
    "--force-node-api-uncaught-exceptions-policy --global-search-paths --insecure-http-parser " +
    "--network-family-autoselection --pending-deprecation --permission --preserve-symlinks --preserve-symlinks-main " +
    "--require-module --strip-types --test-only --test-udp-no-try-send --throw-deprecation --tls-max-v1.2 " +
    "--tls-max-v1.3 --tls-min-v1.0 --tls-min-v1.1 --tls-min-v1.2 --tls-min-v1.3 --trace-deprecation " +
    "--trace-uncaught --trace-warnings --track-heap-objects --use-env-proxy --verify-base-objects",
  string:
    "--diagnostic-dir --dns-result-order --experimental-package-map --redirect-warnings --tls-keylog " +
    "--trace-require-module --unhandled-rejections",
  number: "--max-http-header-size --network-family-autoselection-attempt-timeout",
  list: "--allow-fs-read --allow-fs-write --conditions --disable-warning --experimental-loader --import",
};

export const startOptions: OptionNames = {
  boolean:
    "--check --debug-arraybuffer-allocations --disable-sigusr1 --experimental-shadow-realm --expose-internals --frozen-intrinsics --help " +
    "--interactive --node-snapshot --print --test --test-force-exit --test-randomize --test-update-snapshots " +
    "--use-bundled-ca --use-openssl-ca --version --warnings",
  string:
    "--disable-proto --eval --input-type --run --test-global-setup --test-isolation --test-rerun-failures " +
    "--test-shard --title --tls-cipher-list",
  number: "--stack-trace-limit --test-concurrency --test-random-seed --test-timeout --v8-pool-size",
  list:
    "--env-file --env-file-if-exists --experimental-test-tag-filter --require --test-name-pattern " +
    "--test-reporter --test-reporter-destination --test-skip-pattern",
  nothing:
    "--experimental-abortcontroller --experimental-dtls --experimental-fetch " +
    "--experimental-global-customevent --experimental-global-webcrypto --experimental-json-modules " +
    "--experimental-modules --experimental-quic --experimental-report --experimental-specifier-resolution " +
    "--experimental-test-snapshots --experimental-top-level-await --experimental-wasi-unstable-preview1 " +
    "--experimental-wasm-modules --experimental-worker --http-parser --napi-modules --node-memory-debug",
};

export const refusedOptions =
  "--allow-ffi --allow-fs-vfs --bench --bench-isolation --bench-name-pattern --bench-reporter " +
  "--bench-reporter-destination --bench-samples --bench-warmup --build-sea --build-snapshot " +
  "--build-snapshot-config --completion-bash --cpu-prof --cpu-prof-dir --cpu-prof-interval " +
  "--cpu-prof-name --debug --debug-brk --disable-wasm-trap-handler --enable-fips " +
  "--enable-fips-indicator-events --experimental-config-file --experimental-ffi " +
  "--experimental-inspector-network-resource --experimental-network-inspection " +
  "--experimental-sea-config --experimental-storage-inspection --experimental-test-coverage " +
  "--experimental-worker-inspection --force-fips --heap-prof --heap-prof-dir --heap-prof-interval " +
  "--heap-prof-name --heapsnapshot-near-heap-limit --heapsnapshot-signal --icu-data-dir --inspect " +
  "--inspect-brk --inspect-brk-node --inspect-port --inspect-publish-uid --inspect-wait " +
  "--localstorage-file --max-old-space-size-percentage --openssl-config --openssl-legacy-provider " +
  "--openssl-shared-config --permission-audit --prof-process --report-compact --report-dir " +
  "--report-exclude-env --report-exclude-network --report-filename --report-on-fatalerror " +
  "--report-on-signal --report-signal --report-uncaught-exception --secure-heap --secure-heap-min " +
  "--security-revert --snapshot-blob --test-coverage-branches --test-coverage-exclude " +
  "--test-coverage-functions --test-coverage-include --test-coverage-include-all --test-coverage-lines " +
  "--trace-env --trace-env-js-stack --trace-env-native-stack --trace-event-categories " +
  "--trace-event-file-pattern --trace-exit --trace-promises --trace-sigint --trace-sync-io --trace-tls " +
  "--use-largepages --use-system-ca --v8-options --vfs-load --vfs-mount --watch --watch-kill-signal " +
  "--watch-path --watch-preserve-output --worker-snapshot " +
  "--zero-fill-buffers";

/** Names that stand for others, as Node spells them; `<arg>` for one that is followed by a value. */
export const aliases: Readonly<Record<string, readonly string[]>> = {
  "-C": ["--conditions"],
  "-c": ["--check"],
  "-e": ["--eval"],
  "-h": ["--help"],
  "-i": ["--interactive"],
  "-p": ["--print"],
  "-pe": ["--print", "--eval"],
  "-r": ["--require"],
  "-v": ["--version"],
  "--es-module-specifier-resolution": ["--experimental-specifier-resolution"],
  "--enable-network-family-autoselection": ["--network-family-autoselection"],
  "--experimental-test-isolation": ["--test-isolation"],
  "--experimental-strip-types": ["--strip-types"],
  "--loader": ["--experimental-loader"],
  "--print <arg>": ["-pe"],
  "--webstorage": ["--experimental-webstorage"],
};

/** What a process has one of, as all V8 flags are: a thread of its can't be given another. */
export const processOptions: ReadonlySet<string> = new Set([
  ...["--debug-arraybuffer-allocations", "--disable-proto", "--experimental-shadow-realm", "--help"],
  ...["--node-memory-debug", "--node-snapshot", "--run"],
  ...["--stack-trace-limit", "--title", "--tls-cipher-list", "--use-bundled-ca", "--use-openssl-ca"],
  ...["--v8-pool-size", "--version"],
]);

export type OptionKind = keyof OptionNames;

/** Where an option goes, and what its value is. */
export interface OptionInfo {
  goes: "environment" | "start";
  kind: OptionKind;
}

/** Every option that is accepted. */
export const acceptedOptions: ReadonlyMap<string, OptionInfo> = new Map([
  ...entries("environment", environmentOptions),
  ...entries("start", startOptions),
]);

function* entries(goes: OptionInfo["goes"], options: OptionNames): Generator<[string, OptionInfo]> {
  for (const [kind, names] of Object.entries(options) as [OptionKind, string][]) {
    for (const name of names.split(" ")) yield [name, { goes, kind }];
  }
}
