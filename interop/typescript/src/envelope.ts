// What a body says of itself: `encData` where it is encrypted, `response.code` where it is plain.

/** The part of a body that decides what it is. Null where the body does not say it. */
export interface Envelope {
  encData: string | null;
  code: string | null;
}

const TOKENS = /"(?:[^"\\]+|\\.)*"|[[\]{}:,]/g;

/**
 * Reads the envelope of a body. Null if the body is no JSON object in UTF-8, or if a name that decides
 * something (`encData`, `response` and what is in it) stands twice: of two codes neither can be believed.
 */
export function readEnvelope(body: Uint8Array): Envelope | null {
  try {
    const text = utf8(body);
    const document = objectOf(JSON.parse(text));
    if (document === null) return null;
    for (const path of namesTwice(text)) {
      if (path[0] === "response" || (path.length === 1 && path[0] === "encData")) return null;
    }
    const encData = own(document, "encData");
    const code = own(objectOf(own(document, "response")), "code");
    return {
      encData: typeof encData === "string" ? encData : null,
      code: typeof code === "string" ? code : null,
    };
  } catch {
    return null;
  }
}

/** The text of these bytes. Throws where they are no UTF-8. */
export function utf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** The value, if it is a JSON object. */
export function objectOf(value: unknown): object | null {
  return typeof value === "object" && !Array.isArray(value) ? value : null;
}

/** A member of its own: `constructor` is a member of every object otherwise. */
export function own(object: object | null, name: string): unknown {
  return object === null ? undefined : Object.getOwnPropertyDescriptor(object, name)?.value;
}

/** The names that stand twice in their object, each behind the names around it. The text has to be JSON. */
export function* namesTwice(json: string): Generator<string[]> {
  const levels: { names: Set<string> | null; name: string; nameIsNext: boolean }[] = [];
  for (const [token] of json.matchAll(TOKENS)) {
    const level = levels.at(-1);
    if (token === "{") levels.push({ names: new Set(), name: "", nameIsNext: true });
    else if (token === "[") levels.push({ names: null, name: "", nameIsNext: false });
    else if (token === "}" || token === "]") levels.pop();
    else if (level === undefined || level.names === null) continue;
    else if (token === ",") level.nameIsNext = true;
    else if (token !== ":" && level.nameIsNext) {
      // By the text that it stands for: a name can be written with escapes.
      level.name = JSON.parse(token) as string;
      level.nameIsNext = false;
      if (level.names.has(level.name)) yield levels.map(({ name }) => name);
      level.names.add(level.name);
    }
  }
}
