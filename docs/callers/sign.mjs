// Signs requests with a key pair: Node 20 or later, and browsers, without dependencies.
//
//   import { sign } from './sign.mjs';
//   const headers = await sign('GET', url, { keyId, secret });
//   const answer = await fetch(url, { headers, redirect: 'error' });
//
// As a command, with the pair in the environment variables CLAVIGER_KEY_ID and CLAVIGER_SECRET, and its algorithm in
// CLAVIGER_ALGORITHM if that is not hmac-sha512:
//
//   node sign.mjs --form rfc9421 POST https://api.example/orders --body @order.json
//
// Exit codes: 0, or 1 for an answer with status 400 or above, or 2 if nothing was sent or answered.

const HASHES = { 'hmac-sha512': 'SHA-512', 'hmac-sha256': 'SHA-256' };
const FORMS = { rfc9421, cavage, plain };
const encoder = new TextEncoder();

/**
 * The headers that make this a signed request. They are good for this request, once, within the API's window.
 * `body` is text or bytes; `now` (seconds since 1970) and `nonce` are for tests. An error says what cannot be signed.
 */
export async function sign(method, url, options) {
  const { keyId, secret, algorithm = 'hmac-sha512', form = 'rfc9421', body = '' } = options;
  const { now = Math.floor(Date.now() / 1000), nonce = crypto.randomUUID() } = options;
  check(Object.hasOwn(FORMS, form), `the form ${form} is not known; there are ${Object.keys(FORMS).join(', ')}`);
  check(Object.hasOwn(HASHES, algorithm), `the algorithm ${algorithm} is not known`);
  check(keyId && secret, 'a pair is an id and a secret');
  const use = { name: 'HMAC', hash: HASHES[algorithm] };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), use, false, ['sign']);
  const mac = async (text) => new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
  const bytes = typeof body === 'string' ? encoder.encode(body) : new Uint8Array(body);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const request = { method: method.toUpperCase(), ...split(url), bytes, hash };
  return FORMS[form]({ keyId, algorithm, mac }, request, now, nonce);
}

/** HTTP Message Signatures (RFC 9421), with Content-Digest (RFC 9530). */
async function rfc9421(pair, { method, origin, target, bytes, hash }, now, nonce) {
  const covered = { '@method': method, '@target-uri': origin + target };
  const headers = {};
  if (bytes.length > 0) {
    covered['content-digest'] = headers['Content-Digest'] = `sha-256=:${base64(hash)}:`;
  }
  const names = Object.keys(covered).map((name) => `"${name}"`).join(' ');
  const params = `(${names});created=${now};keyid="${pair.keyId}";nonce="${nonce}"`;
  const text = lines({ ...covered, '@signature-params': params }, (name) => `"${name}"`);
  const signature = base64(await pair.mac(text));
  return { ...headers, 'Signature-Input': `sig1=${params}`, Signature: `sig1=:${signature}:` };
}

/**
 * The form of Kong's plugin (draft-cavage-http-signatures). Browsers set no Date, so that it is X-Date; the signed
 * X-Request-Nonce makes each request another.
 */
async function cavage(pair, { method, target, bytes, hash }, now, nonce) {
  const headers = { 'X-Date': new Date(now * 1000).toUTCString(), 'X-Request-Nonce': nonce };
  if (bytes.length > 0) {
    headers.Digest = `SHA-256=${base64(hash)}`;
  }
  const signed = { '@request-target': `${method.toLowerCase()} ${target}` };
  for (const [name, value] of Object.entries(headers)) {
    signed[name.toLowerCase()] = value;
  }
  const signature = base64(await pair.mac(lines(signed, (name) => name)));
  const names = Object.keys(signed).join(' ');
  const parameters = { username: pair.keyId, algorithm: pair.algorithm, headers: names, signature };
  const written = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
  return { ...headers, Authorization: `hmac ${written.join(', ')}` };
}

/** Four headers over five lines. */
async function plain(pair, { method, target, hash }, now, nonce) {
  const signature = hex(await pair.mac([method, target, now, nonce, hex(hash)].join('\n')));
  return { 'X-API-Key': pair.keyId, 'X-Timestamp': `${now}`, 'X-Nonce': nonce, 'X-Signature': signature };
}

/** The origin, and the target: path and query as fetch sends them. */
function split(url) {
  check(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'the URL has to begin with http:// or https://');
  const { origin, pathname, search, username, password } = new URL(url);
  check(!username && !password, 'the URL has no host that can be signed');
  return { origin, target: pathname + search };
}

function check(holds, otherwise) {
  if (!holds) {
    throw new Error(otherwise);
  }
}

function lines(fields, name) {
  return Object.entries(fields).map(([key, value]) => `${name(key)}: ${value}`).join('\n');
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function main() {
  const { parseArgs } = await import('node:util');
  const { readFileSync } = await import('node:fs');
  const { env } = process;
  const { values, positionals: [method, url, ...rest] } = parseArgs({
    allowPositionals: true,
    options: {
      form: { type: 'string', default: 'rfc9421' },
      body: { type: 'string', default: '' },
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      print: { type: 'boolean', default: false },
    },
  });
  check(url && rest.length === 0, 'usage: sign.mjs [--form FORM] [--body BODY] [-H HEADER] [--print] METHOD URL');
  for (const name of ['CLAVIGER_KEY_ID', 'CLAVIGER_SECRET']) {
    check(env[name], `${name} is not set`);
  }
  const more = values.header.map((header) => /^([^:]+):\s*(.*)$/s.exec(header)?.slice(1));
  check(more.every(Boolean), "-H takes 'Name: value'");
  const body = values.body.startsWith('@') ? readFileSync(values.body.slice(1)) : values.body;
  const pair = { keyId: env.CLAVIGER_KEY_ID, secret: env.CLAVIGER_SECRET, algorithm: env.CLAVIGER_ALGORITHM || undefined };
  const signed = Object.entries(await sign(method, url, { ...pair, form: values.form, body }));
  if (values.print) {
    return console.log(signed.map((header) => header.join(': ')).join('\n'));
  }
  const init = { method: method.toUpperCase(), headers: [...signed, ...more], redirect: 'manual' };
  const answer = await fetch(url, body.length > 0 ? { ...init, body } : init);
  console.error(answer.status, answer.statusText);
  process.stdout.write(new Uint8Array(await answer.arrayBuffer()));
  process.exitCode = answer.status < 400 ? 0 : 1;
}

// Run, rather than imported.
if (globalThis.process?.argv[1]) {
  const { pathToFileURL } = await import('node:url');
  if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    await main().catch(({ message, cause }) => {
      console.error(`sign.mjs: ${cause?.code ?? cause?.message ?? message}`);
      process.exitCode = 2;
    });
  }
}
