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

const HASHES = { 'hmac-sha512': 'SHA-512', 'hmac-sha256': 'SHA-256' };
const FORMS = { rfc9421, cavage, plain };
const encoder = new TextEncoder();

/**
 * The headers that make this a signed request. They are good for this request, once, within the API's window.
 * `body` is text or bytes; `now` (seconds since 1970) and `nonce` are for tests.
 */
export async function sign(method, url, options) {
  const { keyId, secret, algorithm = 'hmac-sha512', form = 'rfc9421', body = '' } = options;
  const { now = Math.floor(Date.now() / 1000), nonce = crypto.randomUUID() } = options;
  const use = { name: 'HMAC', hash: HASHES[algorithm] };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), use, false, ['sign']);
  const mac = async (text) => new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
  const bytes = typeof body === 'string' ? encoder.encode(body) : new Uint8Array(body);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const request = { method, ...split(url), bytes, hash };
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
  const { origin, href } = new URL(url);
  return { origin, target: href.slice(origin.length).split('#')[0] };
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
  const { values, positionals: [method, url] } = parseArgs({
    allowPositionals: true,
    options: {
      form: { type: 'string', default: 'rfc9421' },
      body: { type: 'string', default: '' },
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      print: { type: 'boolean', default: false },
    },
  });
  const body = values.body.startsWith('@') ? readFileSync(values.body.slice(1)) : values.body;
  const pair = { keyId: env.CLAVIGER_KEY_ID, secret: env.CLAVIGER_SECRET, algorithm: env.CLAVIGER_ALGORITHM };
  const signed = Object.entries(await sign(method, url, { ...pair, form: values.form, body }));
  if (values.print) {
    return console.log(signed.map((header) => header.join(': ')).join('\n'));
  }
  const headers = [...signed, ...values.header.map((header) => header.split(/: (.*)/s, 2))];
  const answer = await fetch(url, { method, headers, body: body.length > 0 ? body : undefined, redirect: 'manual' });
  console.error(answer.status, answer.statusText);
  process.stdout.write(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
}

// Run, rather than imported.
if (globalThis.process?.argv[1]) {
  const { pathToFileURL } = await import('node:url');
  if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    await main();
  }
}
