/** Files beside the code that stacks are synthesized from. An allow list: what could change which code runs is not in it. */
export function isStackData(path: string): boolean {
  return path === 'gitmend.yaml' || /^(guests|ansible|compose|prometheus|dns)\/.*\.ya?ml$/.test(path);
}

/** Files that say which modules stack code runs with. They are the machine's own, never those of a pull request. */
export function isStackPackage(path: string): boolean {
  return /^stacks\/(.*\/)?(package(-lock)?\.json|npm-shrinkwrap\.json|\.npmrc)$/.test(path);
}
