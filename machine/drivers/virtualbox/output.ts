/** Reads what VBoxManage prints. The captured/ folder of the tests holds real output of each form. */

/** `showvminfo --machinereadable`: lines `key=value` or `"key"="value"`, where a value may hold anything but line ends. */
export function parseMachineReadable(text: string): ReadonlyMap<string, string> {
  const bare = (word: string): string => /^"(.*)"$/.exec(word)?.[1] ?? word;
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^("[^"]*"|[^"=]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) found.set(bare(key), bare(value));
  }
  return found;
}

/** `list hostonlyifs`, `list hostonlynets`, `list systemproperties`: blocks of `Key:   value` lines with an empty line between. */
export function parseBlocks(text: string): ReadonlyMap<string, string>[] {
  return text
    .split(/\r?\n\s*\r?\n/)
    .map((block) => {
      const pairs = block.split(/\r?\n/).flatMap((line): [string, string][] => {
        const [, key, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
        return key === undefined || value === undefined ? [] : [[key.trim(), value.trim()]];
      });
      return new Map(pairs);
    })
    .filter((block) => block.size > 0);
}

/** `list vms`: UUIDs by name; inaccessible ones are called `<inaccessible>`, so several may share that. */
export function parseVms(text: string): { readonly name: string; readonly uuid: string }[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, name, uuid] = /^"(.*)" \{([0-9a-f-]{36})\}$/i.exec(line.trim()) ?? [];
    return name === undefined || uuid === undefined ? [] : [{ name, uuid }];
  });
}

/** `getextradata global enumerate`: `Key: a/b, Value: c`. */
export function parseExtraData(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line): [string, string][] => {
      const [, key, value] = /^Key: (.*?), Value: (.*)$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value]];
    }),
  );
}

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

/** `--version`: `7.2.4_Debianr170995`, on its own line; warnings about kernel modules may stand before it. */
export function parseVersion(text: string): Version | undefined {
  const [line, major, minor] = /^(\d+)\.(\d+)\.\d+\S*$/m.exec(text) ?? [];
  return line === undefined ? undefined : { major: Number(major), minor: Number(minor), text: line.trim() };
}
