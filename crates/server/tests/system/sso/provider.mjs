// An OpenID Connect provider for the tests: the library `oidc-provider`, with people who are let in at once. Whoever is
// named in `login_hint` signs in. Arguments: the folder of the library, and the address of the test's own client.

import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, redirect] = process.argv.slice(2);
const library = join(folder, 'node_modules/oidc-provider/lib/index.js');
const { Provider } = await import(pathToFileURL(library));

const PEOPLE = {
  ada: { name: 'Ada', groups: ['key-admins', 'staff'], email: 'ada@example.com', email_verified: true },
  ben: { name: 'Ben', groups: ['staff'], email: 'ben@example.com', email_verified: false },
  cleo: { name: 'Cleo', groups: ['gardeners'], email: 'cleo@example.com', email_verified: true },
};

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'claviger',
      client_secret: 'a+secret/with: signs',
      application_type: 'native',
      redirect_uris: [redirect, 'http://127.0.0.1/'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  cookies: { keys: ['for tests'] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, ...PEOPLE[id] }),
  }),
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
    grant.addOIDCScope([...oidc.requestParamScopes].join(' '));
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
const interact = async (request, response) => {
  const { params, prompt } = await provider.interactionDetails(request, response);
  const result = prompt.name === 'login' ? { login: { accountId: params.login_hint } } : { consent: {} };
  return provider.interactionFinished(request, response, result);
};
server.on('request', (request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response);
  return interact(request, response).catch((error) => response.writeHead(500).end(String(error.stack)));
});

console.log(JSON.stringify({ issuer }));
