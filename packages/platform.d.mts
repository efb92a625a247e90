export interface PlatformPackage {
  directory: string;
  manifest: Record<string, unknown>;
  arch: "x64" | "arm64";
  bin: string;
}

export const root: string;
export const stage0Source: string;
export function platformPackage(): PlatformPackage | null;
export function nodeSource(target: PlatformPackage): { directory: string; node: string } | null;
export function place(source: string, target: string): void;
