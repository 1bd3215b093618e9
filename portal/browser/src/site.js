// What pages there are.

import { BASE } from "./setting.js";

/** The paths of the five pages of the vendor's that the project began with. */
const SEEDS = [
  "/api/v1/recharges/online-payment/transaction/generate",
  "/api/v1/recharges/auto/lower-limit/update",
  "/api/v1/recharges/by-bank-account/result/inquiry",
  "/api/v2/payment/generate/onetimetoken",
  "/api/v1/gifts/cards/transmission/no-hce",
];

/** The pages of the sandbox. */
export const VIEWS = ["requests", "ledger", "faults", "clock", "callbacks"];

const description = await fetch(`${BASE}/en/reference/konaplate.json`).then((response) => response.json());

/** Every operation: id, path, and the tag it stands under in the reference. */
export const OPERATIONS = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.values(methods)
    .filter(({ operationId }) => operationId)
    .map(({ operationId, tags, requestBody }) => ({ id: operationId, path, tag: tags[0], requestBody })),
);

/** Those of the five pages. */
export const SEEDED = SEEDS.map((path) => OPERATIONS.find((operation) => operation.path === path));

/** One page of each kind, by a name for it; the paths below a language. */
export const KINDS = {
  home: "",
  codes: "codes/",
  coverage: "coverage/",
  quickstart: "quickstart/",
  reference: "reference/",
  operation: `operations/${SEEDED[0].id}/`,
  ...Object.fromEntries(VIEWS.map((view) => [`sandbox-${view}`, `sandbox/${view}/`])),
};
