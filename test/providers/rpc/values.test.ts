import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
  Archive,
  Asset,
  containsSecret,
  containsUnknown,
  fromJson,
  fromStruct,
  OutputValue,
  type PropertyValue,
  ResourceReference,
  reveal,
  Secret,
  toJson,
  toStruct,
  Unknown,
} from "../../../providers/rpc/values";
import { runs } from "../../propertyRuns";

const key = "4dabf18193072939515e22adb298388d";

const values = fc.letrec<{ value: PropertyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.constant(Unknown.value),
    tie("value").map((inner) => new Secret(inner)),
    fc
      .tuple(fc.option(tie("value"), { nil: undefined }), fc.boolean())
      .map(([inner, secret]) => new OutputValue(inner, secret, ["urn"])),
    fc.string({ minLength: 1 }).map((text) => new Asset({ text }, "hash")),
    fc.string({ minLength: 1 }).map((path) => new Archive({ path }, "hash")),
    fc.constant(new ResourceReference("urn", "id", "1.0.0")),
    fc.array(tie("value")),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie("value")),
  ),
}));

describe("property values on the wire", () => {
  it("come back as they were sent", () => {
    fc.assert(
      fc.property(values.value, (value) => {
        const wire = Struct.deserializeBinary(toStruct({ value }).serializeBinary());
        expect(fromStruct(wire)).toEqual({ value });
      }),
      runs,
    );
  });

  it("have the signatures that Pulumi gives them", () => {
    expect(toJson(new Secret("s"))).toEqual({ [key]: "1b47061264138c4ac30d75fd1eb44270", value: "s" });
    expect(toJson(Unknown.value)).toBe("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
    expect(toJson(new OutputValue(undefined, true, []))).toEqual({
      [key]: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
      secret: true,
    });
    expect(
      fromJson({ [key]: "c44067f5952c0a294b673a41bacd8c17", hash: "h", text: "t", path: "", uri: "" }),
    ).toEqual(new Asset({ text: "t" }, "h"));
    expect(() => fromJson({ [key]: "other" })).toThrow("unknown signature");
  });

  it("are reduced for a receiver that does not know them", () => {
    const plain = { secrets: false, outputs: false, resources: false };
    expect(toJson(new OutputValue("v", true, []), plain)).toBe("v");
    expect(toJson(new OutputValue("v", true, []), { outputs: false })).toEqual(toJson(new Secret("v")));
    expect(toJson(new ResourceReference("urn", "id"), plain)).toBe("id");
    expect(toJson(new ResourceReference("urn", undefined), plain)).toBe("urn");
  });

  it("tell what is in them at any depth", () => {
    const deep = { a: [new OutputValue({ b: new Secret("s") }, false, [])] };
    expect([containsSecret(deep), containsUnknown(deep), reveal(deep)]).toEqual([
      true,
      false,
      { a: [{ b: "s" }] },
    ]);
    expect(containsUnknown([new Secret(Unknown.value)])).toBe(true);
  });
});
