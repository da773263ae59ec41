/**
 * Variables that let git reach one forge over HTTP as one account: a header for that address alone. The token is neither
 * in argv nor in the remote's URL, where `ps`, a reflog or an error message would show it; and git follows no redirect
 * with it.
 */
export function gitCredential(remote: string, account: string, token: string): { [name: string]: string } {
  const { origin } = new URL(remote);
  const basic = Buffer.from(`${account}:${token}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: `http.${origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    GIT_CONFIG_KEY_1: 'http.followRedirects',
    GIT_CONFIG_VALUE_1: 'false',
  };
}
