// Requests to our own server, with the page's token; a refusal becomes an Error with its sentence.

const silence = "The program does not answer. It may have been closed; what you typed is still here.";
const { standing } = document.querySelector("script[data-standing]")?.dataset ?? {};
const KEPT = "What you typed is still here.";
const PATIENCE = 10_000;
let token = document.querySelector('meta[name="desktop-token"]')?.content ?? "";

// Of a form that a script makes.
export const pageToken = () => token;

export class Refusal extends Error {
  constructor(sentence, status, body) {
    super(sentence);
    this.status = status;
    this.body = body;
  }
}

export async function get(address, signal) {
  return read(await reach(address, { headers: { Accept: "application/json" }, signal }));
}

// Why what is typed here cannot be saved now, or nothing. A page that waited may have outlived its
// session: where another one has begun in this browser, the page goes on with that one's token.
export async function whyNotNow() {
  if (!standing) return "";
  try {
    const now = await get(standing, AbortSignal.timeout(PATIENCE));
    if (now.token) renew(now.token);
    return now.why ? `Nothing was saved: ${now.why} ${KEPT}` : "";
  } catch (error) {
    // Anything else is the answer's own to tell.
    if (![0, 401, 403, 502, 503].includes(error.status)) return "";
    return /still/.test(error.message) ? error.message : `${error.message} Nothing was saved. ${KEPT}`;
  }
}

function renew(now) {
  token = now;
  for (const input of document.querySelectorAll("input[name=_token]")) input.value = now;
}

// What takes long is waited for in a dialog, unless who asks `waits` by itself.
export async function post(address, body, { waits = true } = {}) {
  const said = () => reach(address, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-Desktop-Token": token },
    body: JSON.stringify(body ?? {}),
  });
  const before = token;
  let response = await said();
  if (response.status === 403 && !(await whyNotNow()) && token !== before) response = await said();
  const answer = await read(response);
  return waits && answer.work ? (await import("./working.js")).finish(answer.work) : answer;
}

// Sends a form as it is; gives the address of the page that the server leads to.
export async function sendForm(form) {
  const response = await reach(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(new FormData(form)),
  });
  if (!response.ok) await read(response);
  return response.url;
}

// Sends what holds files, telling how far it is, until `stop` is pressed; gives the page that the
// server leads to, and its address.
export function upload(address, data, told, stop) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "document";
    request.setRequestHeader("Accept", "text/html");
    request.setRequestHeader("X-Desktop-Token", token);
    request.upload.addEventListener("progress", (event) => told(event.loaded, event.total));
    request.addEventListener("load", () => resolve({ page: request.response, status: request.status, address: request.responseURL }));
    request.addEventListener("error", () => reject(new Refusal(silence, 0, {})));
    request.addEventListener("abort", () => reject(new Refusal("It was stopped. Nothing was changed.", 0, {})));
    stop.addEventListener("click", () => request.abort());
    request.send(data);
  });
}

async function reach(address, options) {
  try {
    return await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(silence, 0, {});
  }
}

async function read(response) {
  // Given up half way, an answer is no answer; anything else unreadable is at least a refusal.
  const body = await response.json().catch((error) => {
    if (error.name === "AbortError") throw error;
    return {};
  });
  if (!response.ok) throw new Refusal(body.error ?? "The program refused this.", response.status, body);
  return body;
}
