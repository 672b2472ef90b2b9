import { resolve } from "node:path";
import { withoutPlaces } from "../../engine/engineService";

const root = resolve(__dirname, "../..");
const places = 'error serializing property "outputs": error serializing property "environment": ';
const refusal = 'machine "swarm1": memory: 1 (Too small: expected number to be >=512)';
const stack = (file: string) =>
  `\n    at machineStatus (${file}:35:32)\n    at process (node:internal/process:95:5)`;

test.each([
  ["a rejected input", `${places}${refusal}`, refusal],
  [
    "one that nobody waited for, refused by a component",
    `Error: ${places}${refusal}${stack(`${root}/components/machineStatus.ts`)}`,
    refusal,
  ],
  [
    "the same, compiled",
    `Error: ${places}${refusal}${stack(`${root}/dist/components/machineStatus.js`)}`,
    refusal,
  ],
  [
    "a program's own",
    `Error: ${places}no${stack("/home/me/index.ts")}`,
    `Error: no${stack("/home/me/index.ts")}`,
  ],
  [
    "a bug of a component",
    `TypeError: ${places}x is undefined${stack(`${root}/components/a.ts`)}`,
    `TypeError: x is undefined${stack(`${root}/components/a.ts`)}`,
  ],
  [
    "anything else",
    `Error: memory${stack(`${root}/components/a.ts`)}`,
    `Error: memory${stack(`${root}/components/a.ts`)}`,
  ],
])("%s", (_, message, shown) => expect(withoutPlaces(message)).toBe(shown));
