// The part of a JSON Schema that this project reads itself; ajv reads the rest.

export interface SpecSchema {
  default?: unknown;
  properties?: Readonly<Record<string, SpecSchema>>;
  items?: SpecSchema;
  additionalProperties?: boolean | SpecSchema;
  [keyword: string]: unknown;
}
