import { storiesWithCi } from './with-ci.ts';

storiesWithCi('github');
