/** Short names for names in the swarm: each has one, and no two have the same. */
export class Keys {
  private readonly keys = new Map<string, string>();
  private readonly taken = new Set<string>();

  /** @param stack whose `stack_` before the name is left out, where the rest is nobody else's */
  constructor(private readonly stack: string) {}

  /** @param start what the name starts with that means something: not a hash */
  of(name: string, start = name): string {
    const known = this.keys.get(name);
    if (known !== undefined) return known;
    const own = `${this.stack}_`;
    const short = start.length > own.length && start.startsWith(own) ? start.slice(own.length) : start;
    const legal = short.replace(/[^a-zA-Z0-9._-]/g, "_");
    let key = legal;
    for (let number = 2; this.taken.has(key); number++) key = `${legal}_${number}`;
    this.keys.set(name, key);
    this.taken.add(key);
    return key;
  }
}
