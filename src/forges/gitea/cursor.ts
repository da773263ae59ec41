export { type Cursor, overlap, parseCursor, printCursor } from '../http/cursor.ts';
