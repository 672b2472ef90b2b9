/** The text in single quotes of a POSIX shell, which reads it as it is. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The text as one word of a POSIX shell, for the places where only a shell can be reached: over SSH, in hooks. */
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text));
