import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const [description, output] = process.argv.slice(2);
const bigint = ts.factory.createKeywordTypeNode(ts.SyntaxKind.BigIntKeyword);
const types = await openapiTS(pathToFileURL(description), {
  transform: (schema) => (schema.format === "uint64" ? bigint : undefined),
});
await writeFile(output, astToString(types));
