// What an administrator prescribes, for the servers of the tests.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the policy of the world's organisation into `folder`; its people sign in in the browser where the world has a provider. */
export function writePolicy(folder, world) {
  const { oidc, ports, host } = world;
  const place = (port) => `{ host = "${host}", port = ${port}, security = "tls" }`;
  const servers = `[[server]]
domains = ["nordvik.example"]
incoming = ${place(ports.imaps)}
outgoing = ${place(ports.smtps)}
sign_in = "${oidc ? 'nordvik' : 'password'}"
`;
  const provider = oidc
    ? `
[[oauth]]
id = "nordvik"
name = "Nordvik"
issuer = "${oidc.issuer}"
authorize_url = "${oidc.issuer}/auth"
token_url = "${oidc.issuer}/token"
revoke_url = "${oidc.issuer}/token/revocation"
client_id = "${oidc.client}"
scopes = ["${oidc.scope}"]
hosts = ["${host}"]
domains = ["nordvik.example"]
`
    : '';
  const path = join(folder, 'policy.toml');
  writeFileSync(path, servers + provider);
  return path;
}
