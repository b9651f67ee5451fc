/** The provider's one page: name, password, and whether the client may. */
export function loginPage(params, refusal = '') {
  const safe = (text) => String(text ?? '').replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in</h1><p>${safe(refusal)}</p>
<p>${safe(params.client_id)} would like: ${safe(params.scope)}</p>
<form method="post">
  <input type="email" name="user" value="${safe(params.login_hint)}">
  <input type="password" name="password" value="">
  <button name="decision" value="allow">Allow</button>
  <button name="decision" value="deny">Deny</button>
</form>`;
}
