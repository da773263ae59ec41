import { guestFiles } from './guest/index.ts';
import { operationFiles } from './operation/index.ts';
import { stackFiles } from './stack/changes.ts';

/** One kind of declaration: which files of the infrastructure repository it reads. */
export interface DeclarationKind {
  name: string;
  files: RegExp;
}

/** Every kind, by its folder here. tests/declarations/index.test.ts holds this equal to the folders. */
export const declarations: readonly DeclarationKind[] = [
  { name: 'guest', files: guestFiles },
  { name: 'operation', files: operationFiles },
  { name: 'stack', files: stackFiles },
];

/** The kind that declares what stands in a file; `undefined` where nothing is applied from it. */
export function declarationOf(path: string): DeclarationKind | undefined {
  return declarations.find(({ files }) => files.test(path));
}
