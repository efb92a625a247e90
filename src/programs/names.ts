/** The names in /bin: of the shell, and of the commands. A test compares them with what there is. */
export const shellNames: readonly string[] = ["sh", "bash"];
export const commandNames: readonly string[] = ["[", "echo", "false", "printf", "test", "true"];
