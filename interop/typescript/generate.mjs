// Makes the types of a description: node generate.mjs <description.yaml> <types.ts>
//
// openapi-typescript makes every integer a `number`. A member id can be larger than a number holds
// exactly (format uint64), so that its honest type is the one that the reader of this package gives it.
import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const { factory, SyntaxKind } = ts;
const [description, output] = process.argv.slice(2);

const types = await openapiTS(pathToFileURL(description), {
  transform(schema) {
    if (schema.type !== "integer" || schema.format !== "uint64") return undefined;
    const kinds = [SyntaxKind.NumberKeyword, SyntaxKind.BigIntKeyword];
    return factory.createUnionTypeNode(kinds.map((kind) => factory.createKeywordTypeNode(kind)));
  },
});
await writeFile(output, astToString(types));
