import type { PlatformPackage } from "./platform.mjs";

export function publishedManifest(target: PlatformPackage): Record<string, unknown>;
export function stage(target: PlatformPackage, directory: string): void;
export function pack(target: PlatformPackage, destination: string): string;
