export function wrapGuest(code: string): string;
