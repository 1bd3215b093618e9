// Values of an example that work once only: a number of the request, a one-time token and its DCVV. And what
// has to be there before: a recharge, for what asks about one.

import { freshNumber, post } from "./gateway.js";
import { member, parse, read, replaced } from "./json.js";
import { Refused, say } from "./sandbox/control.js";

const TOKEN = "/api/v2/payment/generate/onetimetoken";
const RECHARGE = "/api/v1/recharges/by-bank-accounts/no-hce";

/** Members that are the partner's own number of a request. */
const NUMBERS = ["sequenceId", "transactionId"];
/** An example of such a number. One that the platform made looks otherwise. */
const OWN_NUMBER = /^[A-Za-z]+-[0-9]{8}-[0-9a-f]{6}$/;

/** Operations that ask about a recharge from a bank account, by the member of the request and of its response. */
const OF_A_RECHARGE = {
  get_bank_recharge_result: "sequenceId",
  cancel_bank_recharge: "nrNumber",
};

/** The operation that gives a card away, with all that is on it. */
const GIFT = "gift_prepaid_card";

/** The type of token that an operation needs. */
const TOKEN_TYPES = { create_credit_card_recharge: "CREDIT" };

let known = null;

/** Cards and merchants of the sandbox. */
async function fixtures() {
  if (known === null) {
    const response = await fetch("/assets/fixtures.json");
    known = await response.json();
  }
  return known;
}

/** The members of a body that can be made fresh. */
function stale(body) {
  const names = read(body).members?.map(({ name }) => name) ?? [];
  const isStale = (name) => name === "oneTimeToken" || name === "dcvv" || (NUMBERS.includes(name) && OWN_NUMBER.test(member(body, name)));
  return names.filter(isStale);
}

/** Whether there is something to make fresh in a body. */
export function canBeFresh(operation, body) {
  try {
    return Object.hasOwn(OF_A_RECHARGE, operation) || stale(body).length > 0;
  } catch {
    return false;
  }
}

/** Calls an operation that has to succeed. */
async function called(path, text) {
  const { response, text: came } = await post(path, text);
  if (!response.ok) throw new Refused(`${path}: HTTP ${response.status}: ${came}`);
  return parse(came);
}

/** The card of the member that a body names, or of the first one. */
async function cardOf(body) {
  const { cards } = await fixtures();
  const is = (name, key) => {
    const value = member(body, name);
    return value === null ? undefined : cards.find((card) => card[key] === value);
  };
  return is("userId", "userId") ?? is("senderUserId", "userId") ?? is("par", "par") ?? cards[0];
}

async function token(card, type) {
  return called(TOKEN, JSON.stringify({ cardNo: card.cardNo, ...(type && { type }) }));
}

/** A recharge from the bank account of a card's member. */
async function recharge(card) {
  const { oneTimeToken, dcvv } = await token(card);
  const { merchants } = await fixtures();
  const sequenceId = freshNumber("BANK-");
  const body = JSON.stringify({ sequenceId, userId: 0, amount: 20000, oneTimeToken, dcvv, merchantId: merchants[0] });
  // The id of a member may be none of JavaScript's numbers.
  const { nrNumber } = await called(RECHARGE, body.replace('"userId":0', `"userId":${card.userId}`));
  return { sequenceId, nrNumber };
}

/** A body with fresh values, and what was done for them. */
export async function fresh(operation, body) {
  const changes = {};
  const done = [];
  const names = stale(body);
  const { gift } = await fixtures();
  // The others of this member are used, or not of the gift's product.
  const gives = operation === GIFT && member(body, "senderUserId") === gift.userId;
  const card = gives ? gift : await cardOf(body);
  if (gives) {
    Object.assign(changes, { serviceId: gift.serviceId, amount: gift.balance });
    done.push(
      say(
        "The card to give is that of the member's fixtures, with all that is on it. It can be given once: a reset of the sandbox brings it back.",
        "선물할 카드는 테스트 데이터에 있는 이 회원의 선물용 카드이며, 금액은 그 잔액 전부입니다. 한 번만 선물할 수 있고, 샌드박스를 초기화하면 다시 선물할 수 있습니다.",
      ),
    );
  }
  if (Object.hasOwn(OF_A_RECHARGE, operation)) {
    const name = OF_A_RECHARGE[operation];
    changes[name] = (await recharge(card))[name];
    done.push(
      say(
        `A recharge of 20,000 KRW was made: this asks about it (${name}).`,
        `20,000원을 충전하고 그 ${name}을(를) 넣었습니다.`,
      ),
    );
  }
  for (const name of names.filter((one) => NUMBERS.includes(one) && !Object.hasOwn(changes, one))) {
    changes[name] = freshNumber(member(body, name));
    done.push(say(`${name} is new.`, `${name}을(를) 새로 만들었습니다.`));
  }
  if (names.includes("oneTimeToken") || names.includes("dcvv")) {
    const type = TOKEN_TYPES[operation];
    const { oneTimeToken, dcvv } = await token(card, type);
    Object.assign(changes, { oneTimeToken, dcvv });
    done.push(
      type === undefined
        ? say("The one-time token is good for 30 seconds.", "일회용 토큰은 30초 동안 유효합니다.")
        : say(`The one-time token is one of type ${type}, good for 5 minutes.`, `${type} 유형의 일회용 토큰은 5분 동안 유효합니다.`),
    );
  }
  return { body: replaced(body, changes), done: done.join(" ") };
}
