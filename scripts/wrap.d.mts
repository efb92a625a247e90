export function wrap(file: string, bundle: string): string;
