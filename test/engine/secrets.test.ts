import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import fc from "fast-check";
import { SecretsManager } from "../../engine/secrets";
import { runs } from "../propertyRuns";

// Deriving a key takes most of a second, and several on a busy machine.
jest.setTimeout(120_000);

const format = /^v1:([A-Za-z0-9+/]{16}):((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;
const plaintext = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ maxLength: 2000 }));

let secrets: SecretsManager;
beforeAll(async () => {
  secrets = await SecretsManager.create("correct horse");
});

test("what is encrypted is decrypted, each time with another nonce, in Pulumi's form", () => {
  fc.assert(
    fc.property(plaintext, (text) => {
      const [one, two] = [secrets.encrypt(text), secrets.encrypt(text)];
      expect(one).toMatch(format);
      expect(one).not.toBe(two);
      // 12 bytes of nonce; the ciphertext is as long as the text, with 16 bytes of tag.
      const [, , sealed = ""] = format.exec(one) ?? [];
      expect(Buffer.from(sealed, "base64").length).toBe(Buffer.byteLength(text) + 16);
      expect([secrets.decrypt(one), secrets.decrypt(two)]).toEqual([text, text]);
    }),
    runs,
  );
});

test("what was altered is refused, wherever a bit was turned", () => {
  fc.assert(
    fc.property(plaintext, fc.nat(), fc.nat(7), (text, position, bit) => {
      const [, nonce = "", sealed = ""] = secrets.encrypt(text).split(":");
      const bytes = Buffer.concat([Buffer.from(nonce, "base64"), Buffer.from(sealed, "base64")]);
      const index = position % bytes.length;
      bytes[index] = (bytes[index] as number) ^ (1 << bit);
      const altered = `v1:${bytes.subarray(0, 12).toString("base64")}:${bytes.subarray(12).toString("base64")}`;
      expect(() => secrets.decrypt(altered)).toThrow();
    }),
    runs,
  );
});

test("what is no ciphertext is refused", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `v1:${text}`),
      ),
      (text) => {
        expect(() => secrets.decrypt(text)).toThrow();
      },
    ),
    runs,
  );
});

test("another stack's and another passphrase's key opens nothing", async () => {
  const other = await SecretsManager.create("correct horse");
  expect(other.salt).not.toBe(secrets.salt);
  expect(() => other.decrypt(secrets.encrypt("hush"))).toThrow();
  await expect(SecretsManager.open("wrong horse", secrets.salt)).rejects.toThrow("incorrect passphrase");
  const altered = secrets.salt.replace(/:([^:]{4})([^:]*)$/, ":AAAA$2");
  await expect(SecretsManager.open("correct horse", altered)).rejects.toThrow("incorrect passphrase");
  await expect(SecretsManager.open("correct horse", "v2:a:b")).rejects.toThrow("encryptionsalt");
  const again = await SecretsManager.open("correct horse", secrets.salt);
  expect(again.decrypt(secrets.encrypt("hush"))).toBe("hush");
});

test("any passphrase opens what it made, and no other", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "grapheme" }),
      async (passphrase, other) => {
        const made = await SecretsManager.create(passphrase);
        const opened = await SecretsManager.open(passphrase, made.salt);
        expect(opened.decrypt(made.encrypt("x"))).toBe("x");
        if (other !== passphrase)
          await expect(SecretsManager.open(other, made.salt)).rejects.toThrow("incorrect passphrase");
      },
    ),
    // A million rounds each.
    { ...runs, numRuns: Number(process.env.RUNS ?? 3) },
  );
});

test("the salt is Pulumi's: a key of PBKDF2, and the word it proves itself by", () => {
  const [version, salt = "", , nonce = "", sealed = ""] = secrets.salt.split(":");
  expect(version).toBe("v1");
  expect(Buffer.from(salt, "base64").length).toBe(8);
  const key = pbkdf2Sync("correct horse", Buffer.from(salt, "base64"), 1_000_000, 32, "sha256");
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-16));
  expect(decipher.update(bytes.subarray(0, -16)).toString()).toBe("pulumi");
});

test("opens what the Pulumi CLI encrypted", async () => {
  // By Pulumi 3.248.0 with passphrase "x".
  const theirs = await SecretsManager.open(
    "x",
    "v1:oc5ouJhhMdg=:v1:nFbB4KonP+Qjxmp0:jxW9HkVa3X06MQQ6EdGRWv0IVODC8Q==",
  );
  expect(theirs.decrypt("v1:/iRjKmJVoGF5gPdi:8ExKKnxBuInKzEvNvN4CVShMEJ0=")).toBe("hush");
});
