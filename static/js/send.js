// Requests to our own server, with the page's token; a refusal becomes an Error with its sentence.

const silence = "The program does not answer. It may have been closed; what you typed is still here.";
const token = document.querySelector('meta[name="desktop-token"]')?.content ?? "";

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

// What takes long is waited for in a dialog, unless who asks `waits` by itself.
export async function post(address, body, { waits = true } = {}) {
  const answer = await read(await reach(address, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-Desktop-Token": token },
    body: JSON.stringify(body ?? {}),
  }));
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
