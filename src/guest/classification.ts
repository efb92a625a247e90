/**
 * What becomes of every native of Node 26.10.0 in a guest: the data that the boot works from, and that a
 * test compares with the pinned binary.
 *
 * - pure: touches nothing but the thread's own memory, and stays.
 * - replaced: there is one of ours in its place.
 * - denied: throws, or answers EACCES (see `denied.ts`).
 *
 * Members that are plain values (numbers, strings, symbols, booleans) are data and need no class.
 */

/** Names of a binding's members, separated by blanks. */
export interface ChangedNatives {
  replaced?: string;
  denied?: string;
}

export const changedNatives: Record<string, ChangedNatives> = {
  blob: {
    replaced: "createBlobFromFilePath createBlob storeDataObject getDataObject revokeObjectURL",
  },
  cares_wrap: {
    replaced: "getaddrinfo getnameinfo ChannelWrap GetAddrInfoReqWrap GetNameInfoReqWrap QueryReqWrap",
  },
  contextify: {
    replaced: "startSigintWatchdog stopSigintWatchdog watchdogHasPendingSigint",
  },
  credentials: {
    replaced: "getuid geteuid getgid getegid getgroups initgroups setegid seteuid setgid setuid setgroups",
  },
  crypto: {
    replaced: "getExtraCACertificates startLoadingCertificatesOffThread",
    denied: "setEngine setFipsCrypto getSystemCACertificates",
  },
  ffi: {
    denied:
      "DynamicLibrary toString toBuffer toArrayBuffer exportBytes getRawPointer getCurrentEventLoop " +
      "getInt8 getUint8 getInt16 getUint16 getInt32 getUint32 getInt64 getUint64 getFloat32 getFloat64 " +
      "setInt8 setUint8 setInt16 setUint16 setInt32 setUint32 setInt64 setUint64 setFloat32 setFloat64",
  },
  fs: {
    replaced:
      "access close existsSync open openFileHandle read readFileUtf8 readBuffers fdatasync fsync rename " +
      "ftruncate rmdir rmSync mkdir readdir readdirRecursive internalModuleStat stat lstat fstat statfs " +
      "link symlink readlink unlink writeBuffer writeBuffers writeString writeFileUtf8 realpath " +
      "copyFile chmod fchmod chown fchown lchown utimes futimes lutimes mkdtemp cpSyncCheckPaths " +
      "cpSyncOverrideFile cpSyncCopyDir CpDirJob legacyMainResolve getFormatOfExtensionlessFile " +
      "ReadFileJob WriteFileJob FSReqCallback FileHandle StatWatcher",
  },
  fs_dir: {
    replaced: "opendir opendirSync DirHandle",
  },
  fs_event_wrap: {
    replaced: "FSEvent",
  },
  heap_utils: {
    replaced: "triggerHeapSnapshot",
    denied: "buildEmbedderGraph",
  },
  inspector: {
    replaced: "isEnabled url",
    denied:
      "callAndPauseOnStart open waitForDebugger emitProtocolEvent setupNetworkTracking " +
      "putNetworkResource Connection MainThreadConnection",
  },
  locks: {
    replaced: "request query",
  },
  messaging: {
    replaced: "broadcastChannel",
  },
  mksnapshot: {
    denied: "runEmbedderPreload compileSerializeMain",
  },
  modules: {
    replaced:
      "readPackageJSON getNearestParentPackageJSONType getNearestParentPackageJSON " +
      "getPackageScopeConfig getPackageType enableCompileCache getCompileCacheDir flushCompileCache " +
      "getCompileCacheEntry saveCompileCacheEntry",
  },
  os: {
    replaced:
      "getHostname getLoadAvg getUptime getTotalMem getFreeMem getCPUs getInterfaceAddresses " +
      "getHomeDirectory getUserInfo setPriority getPriority getAvailableParallelism getOSInformation",
  },
  performance: {
    replaced: "now loopIdleTime",
  },
  pipe_wrap: {
    replaced: "Pipe",
  },
  process_methods: {
    replaced:
      "hrtime hrtimeBigInt uptime memoryUsage rss constrainedMemory availableMemory cpuUsage " +
      "resourceUsage _getActiveHandles _getActiveRequests getActiveResourcesInfo _kill loadEnvFile reallyExit abort cwd " +
      "chdir umask _rawDebug",
    denied: "dlopen dlopenBinary execve _debugProcess _debugEnd causeSegfault patchProcessObject",
  },
  process_wrap: {
    replaced: "Process",
  },
  profiler: {
    replaced: "takeCoverage stopCoverage",
    denied: "setCoverageDirectory setSourceMapCacheGetter startCoverage endCoverage",
  },
  report: {
    replaced:
      "getCompact setCompact getExcludeNetwork setExcludeNetwork getExcludeEnv setExcludeEnv " +
      "getDirectory setDirectory getFilename setFilename getSignal setSignal shouldReportOnFatalError " +
      "setReportOnFatalError shouldReportOnSignal setReportOnSignal shouldReportOnUncaughtException " +
      "setReportOnUncaughtException writeReport getReport",
  },
  signal_wrap: {
    replaced: "Signal",
  },
  spawn_sync: {
    replaced: "spawn",
  },
  sqlite: {
    replaced: "DatabaseSync backup",
  },
  tcp_wrap: {
    replaced: "TCP",
  },
  trace_events: {
    denied: "CategorySet",
  },
  tls_wrap: {
    replaced: "wrap",
  },
  tty_wrap: {
    replaced: "isTTY TTY",
  },
  udp_wrap: {
    replaced: "UDP",
  },
  util: {
    replaced: "guessHandleType getCallSites",
  },
  v8: {
    replaced: "setFlagsFromString",
    denied:
      "setHeapSnapshotNearHeapLimit setHeapProfileNearHeapLimit startCpuProfile " +
      "stopCpuProfile startHeapProfile stopHeapProfile getHashSeed",
  },
  wasi: {
    replaced: "WASI",
  },
  watchdog: {
    denied: "TraceSigintWatchdog",
  },
  webstorage: {
    denied: "Storage",
  },
  worker: {
    replaced:
      "resourceLimits isMainThread isInternalThread ownsProcessState threadId threadName " +
      "getEnvMessagePort Worker",
  },
};

/** Members that stay. Every binding of the binary is named here, in the one or the other list or both. */
export const pureNatives: Record<string, string> = {
  async_context_frame: "getContinuationPreservedEmbedderData setContinuationPreservedEmbedderData",
  async_wrap:
    "setupHooks setCallbackTrampoline pushAsyncContext popAsyncContext executionAsyncResource " +
    "clearAsyncIdStack queueDestroyAsyncId setPromiseHooks getPromiseHooks registerDestroyHook " +
    "async_hook_fields async_id_fields execution_async_resources async_ids_stack constants Providers",
  blob: "concat",
  block_list: "BlockList SocketAddress",
  buffer:
    "atob btoa byteLengthUtf8 copy compare compareOffset fill indexOfBuffer indexOfNumber " +
    "indexOfString copyArrayBuffer createUnsafeArrayBuffer arrayBufferAlignedOffset swap16 swap32 " +
    "swap64 isUtf8 isAscii asciiSlice base64Slice base64urlSlice latin1Slice hexSlice ucs2Slice " +
    "utf8Slice base64Write base64urlWrite hexWrite ucs2Write asciiWriteStatic latin1WriteStatic " +
    "utf8WriteStatic setDetachKey",
  builtins:
    "natives builtinCategories builtinIds getCacheUsage compileFunction hasCachedBuiltins " +
    "setInternalLoaders importBuiltinSourceTextModule",
  cares_wrap: "canonicalizeIP convertIpv6StringToBuffer strerror",
  cjs_lexer: "parse",
  config: "getDefaultLocale",
  constants: "os fs crypto zlib trace internal",
  contextify:
    "makeContext ContextifyScript compileFunction measureMemory compileFunctionForCJSLoader " +
    "containsModuleSyntax constants",
  credentials: "safeGetenv getTempDir",
  crypto:
    "AESCipherJob ChaCha20Poly1305CipherJob CipherBase getSSLCiphers getCiphers publicEncrypt " +
    "privateDecrypt privateEncrypt publicDecrypt getCipherInfo DiffieHellman DiffieHellmanGroup " +
    "DhKeyPairGenJob DHBitsJob DsaKeyPairGenJob ECDH ECDHConvertKey getCurves EcKeyPairGenJob Hash " +
    "getHashes getCachedAliases oneShotDigest HashJob CShakeJob HKDFJob Hmac HmacJob " +
    "NamedKeyPairGenJob SecretKeyGenJob KeyObjectHandle getPqcKeyTypes Mac getMacs " +
    "getCachedMacAliases createCryptoKeyClass getCryptoKeySlots isCryptoKey " +
    "createNativeKeyObjectClass getKeyObjectSlots isKeyObject PBKDF2Job parsePKCS12 RandomBytesJob " +
    "RandomPrimeJob CheckPrimeJob RsaKeyPairGenJob RSACipherJob SecureContext " +
    "getBundledRootCertificates resetRootCertStore getUserRootCertificates " +
    "getCertificateCompressionAlgorithms Sign SignJob certVerifySpkac certExportPublicKey " +
    "certExportChallenge timingSafeEqual getFipsCrypto getFipsCryptoGeneration " +
    "setupFipsIndicatorChannel testFipsCrypto secureBuffer secureHeapUsed getOpenSSLSecLevelCrypto " +
    "Verify createX509CertificateClass isX509Certificate parseX509 Argon2Job KEMEncapsulateJob " +
    "KEMDecapsulateJob KmacJob ScryptJob TurboShakeJob KangarooTwelveJob",
  diagnostics_channel: "linkNativeChannel notifyChannelActive notifyChannelInactive subscribers",
  encoding_binding: "encodeInto encodeUtf8String decodeUTF8 toASCII toUnicode encodeIntoResults",
  errors:
    "setPrepareStackTraceCallback setGetSourceMapErrorSource setSourceMapsEnabled " +
    "setMaybeCacheGeneratedSourceMap setEnhanceStackForFatalException noSideEffectsToString " +
    "triggerUncaughtException getErrorSourcePositions exitCodes",
  ffi: "",
  fs: "statValues bigintStatValues statFsValues bigintStatFsValues",
  fs_dir: "",
  fs_event_wrap: "",
  heap_utils: "createHeapSnapshotStream",
  http2:
    "sessionState streamState settingsBuffer optionsBuffer streamStats sessionStats " +
    "nghttp2ErrorString refreshDefaultSettings packSettings setCallbackFunctions Http2Stream " +
    "Http2Session nameForErrorCode constants",
  http_parser: "HTTPParser ConnectionsList methods allMethods",
  icu: "getStringWidth icuErrName transcode getConverter decode hasConverter",
  inspector:
    "consoleCall setConsoleExtensionInstaller asyncTaskScheduled asyncTaskCanceled asyncTaskStarted " +
    "asyncTaskFinished registerAsyncHook console",
  ipc_serdes: "serialize deserialize",
  js_stream: "JSStream",
  js_udp_wrap: "JSUDPWrap",
  locks: "",
  messaging:
    "MessageChannel MessagePort exposeLazyDOMExceptionProperty stopMessagePort drainMessagePort " +
    "receiveMessageOnPort moveMessagePortToContext setDeserializerCreateObjectFunction " +
    "structuredClone DOMException QuotaExceededError",
  mksnapshot:
    "setSerializeCallback setDeserializeCallback setDeserializeMainFunction isBuildingSnapshotBuffer",
  module_wrap:
    "ModuleWrap setImportModuleDynamicallyCallback setInitializeImportMetaObjectCallback " +
    "setImportMetaResolveInitializer createRequiredModuleFacade throwIfPromiseRejected",
  modules: "parsePackageJSON compileCacheStatus cachedCodeTypes moduleFormats",
  options:
    "getCLIOptionsValues getCLIOptionsInfo getOptionsAsFlags getEmbedderOptions " +
    "getEnvOptionsInputType getNamespaceOptionsInputType envSettings types",
  os: "",
  performance:
    "Histogram SlidingWindowHistogram setupObservers installGarbageCollectionTracking " +
    "removeGarbageCollectionTracking notify createELDHistogram markBootstrapComplete " +
    "uvMetricsInfo observerCounts milestones uvMetricsBuffer constants",
  permission: "has drop",
  pipe_wrap: "PipeConnectWrap constants",
  process_methods: "threadCpuUsage setEmitWarningSync hrtimeBuffer resetStdioForTesting",
  process_wrap: "constants",
  profiler: "",
  report: "",
  sea: "isSea isVfsEnabled isExperimentalSeaWarningNeeded getAsset getAssetKeys",
  serdes: "Serializer Deserializer",
  signal_wrap: "",
  spawn_sync: "",
  sqlite: "StatementSync Session constants",
  stream_pipe: "StreamPipe",
  stream_wrap: "ShutdownWrap WriteWrap streamBaseState",
  string_decoder: "encodings decode flush",
  symbols: "",
  task_queue:
    "enqueueMicrotask setTickCallback runMicrotasks tickInfo promiseRejectEvents " +
    "setPromiseRejectCallback",
  tcp_wrap: "TCPConnectWrap constants",
  timers:
    "setupTimers getLibuvNow scheduleTimer toggleTimerRef toggleImmediateRef immediateInfo " + "timeoutInfo",
  tls_wrap: "TLSWrap",
  trace_events:
    "hasAgent getEnabledCategories setTraceCategoryStateUpdateHandler getCategoryEnabledBuffer " +
    "isTraceCategoryEnabled trace",
  tty_wrap: "",
  types:
    "isArgumentsObject isArrayBuffer isAsyncFunction isBigIntObject isBooleanObject isDate isExternal " +
    "isGeneratorFunction isGeneratorObject isMap isMapIterator isModuleNamespaceObject isNativeError " +
    "isNumberObject isPromise isProxy isRegExp isSet isSetIterator isSharedArrayBuffer isStringObject " +
    "isSymbolObject isWeakMap isWeakSet isAnyArrayBuffer isBoxedPrimitive",
  udp_wrap: "SendWrap constants",
  url: "domainToASCII domainToUnicode format getOrigin parse pathToFileURL update canParse urlComponents",
  url_pattern: "URLPattern",
  util:
    "getSharedArrayBufferGrowable privateSymbols constants isInsideNodeModules defineLazyProperties " +
    "getPromiseDetails getProxyDetails getCallerLocation previewEntries getOwnNonIndexProperties " +
    "getConstructorName getExternalValue sleep parseEnv arrayBufferViewHasBuffer " +
    "constructSharedArrayBuffer markPromiseAsHandled shouldAbortOnUncaughtToggle isArrayBuffer " +
    "isArrayBufferView isAsyncFunction isDataView isDate isExternal isMap isMapIterator isNativeError " +
    "isPromise isRegExp isSet isSetIterator isTypedArray isUint8Array isAnyArrayBuffer",
  uv: "errname getErrorMap getErrorMessage",
  v8:
    "heapStatisticsBuffer heapCodeStatisticsBuffer heapSpaceStatisticsBuffer cachedDataVersionTag " +
    "updateHeapStatisticsBuffer updateHeapCodeStatisticsBuffer getCppHeapStatistics kHeapSpaces " +
    "updateHeapSpaceStatisticsBuffer isStringOneByteRepresentation GCProfiler detailLevel",
  wasi: "",
  wasm_web_api: "setImplementation",
  watchdog: "",
  webstorage: "",
  worker: "",
  zlib: "Zlib BrotliEncoder BrotliDecoder ZstdCompress ZstdDecompress crc32",
};

/**
 * Modules that take changed natives out of their bindings when they are loaded, and that a worker has
 * loaded before our boot begins. They run a second time, on the bindings as they are by then.
 */
export const reinstantiated: readonly string[] = [
  "internal/blob",
  "fs",
  "internal/net",
  "internal/perf/utils",
  "internal/modules/typescript",
];

/**
 * The same for modules that also ask whether this is a main thread, and change `process` in one: they are
 * loaded anew when somebody asks for them, which is when that is known.
 */
export const forgotten: readonly string[] = [
  "internal/worker/messaging",
  "internal/worker",
  "worker_threads",
];

/**
 * Modules where a second run would make a second class of what programs compare, or lose state that
 * others hold. Per module: the natives that it keeps, and why nobody gets at them.
 */
export const kept: Readonly<Record<string, { natives: string; why: string }>> = {
  "internal/util": {
    natives: "util.guessHandleType",
    why: "its only user is the export that is replaced below",
  },
  "internal/modules/helpers": {
    natives: "modules.enableCompileCache modules.getCompileCacheDir modules.flushCompileCache",
    why: "their only users are the exports that are replaced below",
  },
  "internal/worker/io": {
    natives: "messaging.broadcastChannel worker.getEnvMessagePort",
    why: "the class that uses the one is wrapped below; the export that uses the other is replaced in workers",
  },
};

/** Bindings that modules loaded before the boot fetch later on, past our loader of bindings. */
export const fetchedLate: readonly string[] = ["os", "signal_wrap", "cares_wrap", "profiler"];
