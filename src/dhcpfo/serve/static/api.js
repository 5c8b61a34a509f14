// Requests to the server that sent this page. Each carries a key that no other site can know.

let key = "";

export class Failed extends Error {
  constructor(status, data) {
    super(data.error ?? `the server answered ${status}`);
    this.status = status;
    this.data = data;
  }
}

async function send(path, options = {}) {
  const answer = await fetch(`/api/${path}`, { ...options, headers: { "x-dhcpfo-key": key, ...options.headers } });
  let data = {};
  try {
    data = await answer.json();
  } catch {
    data = { error: `the server answered ${answer.status}` };
  }
  if (!answer.ok) throw new Failed(answer.status, data);
  return { status: answer.status, data };
}

export async function session() {
  const { data } = await send("session");
  key = data.key;
  return data;
}

export async function get(path) {
  return (await send(path)).data;
}

export async function post(path, body) {
  const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return (await send(path, options)).data;
}

// Ask for something that takes the server a while, until it is there or nobody wants it any more.
// From the second time on it asks for `later`.
export async function patiently(path, wanted, later = path) {
  for (let tries = 0; tries < 600; tries += 1) {
    const { status, data } = await send(tries ? later : path);
    if (status !== 202) return data;
    if (!wanted()) return null;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Failed(504, { error: "no answer for a long time; a server may be down" });
}
