/** github.com and a company's `NAME.ghe.com` have their API on a host of its own; GitHub Enterprise Server below `/api/v3`. */
export function addressesOf(url = 'https://github.com'): { web: string; api: string } {
  const web = url.replace(/\/+$/, '').replace(/\/api\/v3$/, '');
  const { hostname } = new URL(web);
  // Copied from wherever: the page of a repository, or the API. There is one github.com.
  if (/^(www\.|api\.)?github\.com$/i.test(hostname))
    return { web: 'https://github.com', api: 'https://api.github.com' };
  return { web, api: /^[a-z0-9-]+\.ghe\.com$/i.test(hostname) ? `https://api.${hostname}` : `${web}/api/v3` };
}
