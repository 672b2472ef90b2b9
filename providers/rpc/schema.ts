/**
 * The package schema that `GetSchema` returns, made from the property descriptions.
 * Specified by the Pulumi package metaschema (pulumi/pulumi: pkg/codegen/schema/pulumi.json).
 */
import type { Properties, Property } from "./property";

export interface PackageDescription {
  readonly name: string;
  readonly version: string;
  readonly config: Properties;
  readonly resources: { readonly [token: string]: Properties };
  readonly functions: {
    readonly [token: string]: { readonly inputs: Properties; readonly outputs: Properties };
  };
}

type Json = { [key: string]: unknown };

export function packageSchema(description: PackageDescription): string {
  const types: Json = {};
  const { name } = description;

  function typeSpec(property: Property): Json {
    switch (property.type) {
      case "any":
        return { $ref: "pulumi.json#/Any" };
      case "asset":
        return { $ref: "pulumi.json#/Archive" };
      case "list":
      case "set":
        return { type: "array", items: typeSpec(property.items as Property) };
      case "map":
        return { type: "object", additionalProperties: typeSpec(property.items as Property) };
      case "object": {
        const token = typeToken(property.typeName as string);
        types[token] ??= { type: "object", ...objectSpec(property.properties as Properties) };
        return { type: "object", $ref: `#/types/${token}` };
      }
      default:
        return { type: property.type };
    }
  }
  function typeToken(typeName: string): string {
    return typeName.includes(":") ? typeName : `${name}:index/${typeName}:${typeName}`;
  }
  function propertySpec(property: Property): Json {
    return {
      ...typeSpec(property),
      ...(property.secret ? { secret: true } : {}),
      ...(property.replaces ? { willReplaceOnChanges: true } : {}),
      ...(property.default === undefined ? {} : { default: property.default }),
    };
  }
  function objectSpec(properties: Properties, only: (property: Property) => boolean = () => true): Json {
    const chosen = Object.entries(properties).filter(([, property]) => only(property));
    return {
      properties: Object.fromEntries(chosen.map(([key, property]) => [key, propertySpec(property)])),
      required: chosen.filter(([, property]) => property.required).map(([key]) => key),
    };
  }
  const resource = (properties: Properties): Json => {
    const inputs = objectSpec(properties, (property) => !property.output);
    return {
      ...objectSpec(properties),
      inputProperties: inputs.properties,
      requiredInputs: inputs.required,
    };
  };
  const provided = Object.entries(description.resources).map(([token, properties]) => [
    token,
    resource(properties),
  ]);
  const functions = Object.entries(description.functions).map(([token, { inputs, outputs }]) => [
    token,
    { inputs: objectSpec(inputs), outputs: { type: "object", ...objectSpec(outputs) } },
  ]);
  const config = objectSpec(description.config);
  return JSON.stringify({
    name,
    version: description.version,
    config: { variables: config.properties },
    provider: { ...config, inputProperties: config.properties, requiredInputs: config.required },
    types,
    resources: Object.fromEntries(provided),
    functions: Object.fromEntries(functions),
  });
}
