export const compilers: readonly string[];
export function compileStage0(source: string, target: string, candidates?: readonly string[]): boolean;
