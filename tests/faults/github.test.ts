import { faultSuite } from './suite.ts';

faultSuite('github');
