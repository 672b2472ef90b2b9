/** The generated pages are what the code says today. `npm run docs` writes them. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { argumentReference, settingsReference } from "./argumentReference";
import { commandReference } from "./commandReference";
import { read, root } from "./markdown";

jest.setTimeout(120_000);

it.each<[string, () => string | Promise<string>]>([
  ["docs/reference/commands.md", commandReference],
  ["docs/reference/arguments.md", argumentReference],
  ["docs/reference/settings.md", settingsReference],
])("%s is what the code says (else: npm run docs)", async (page, written) => {
  const text = await written();
  if (process.env.WRITE_DOCS) {
    mkdirSync(dirname(join(root, page)), { recursive: true });
    writeFileSync(join(root, page), text);
  }
  expect(existsSync(join(root, page)) ? read(page) : "").toBe(text);
});
