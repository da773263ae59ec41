export { type ApplyDeclared, type Operation, operationFile, printOperation, readOperation } from './read.ts';
export {
  operationFiles,
  type OperationPaths,
  operationPaths,
  operationSteps,
  readOperations,
  type Requests,
} from './steps.ts';
