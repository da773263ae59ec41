import type { Command } from 'commander';
import { type GitmendError, isGitmendError } from '../core/errors.ts';

/** What a command that was called wrongly ends with. */
export interface Usage {
  /** A coded error as the terminal shows it: one of wrong words names the help of the very command that took them. */
  print(error: GitmendError): string;
}

/** To be called when every command is there: each one's wrong words then lead to its own help, not to the list of all. */
export function usageOf(program: Command): Usage {
  let called: Command | undefined;
  for (const command of everyOf(program)) command.showHelpAfterError(`(${pathOf(command)} --help says more)`);
  program.hook('preAction', (_program, command) => void (called = command));
  return {
    print(error) {
      if (called === undefined || !isGitmendError(error, 'USAGE')) return error.print();
      return error.print(`${pathOf(called)} --help`);
    },
  };
}

function everyOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyOf)];
}

/** `gitmend guest set` */
function pathOf(command: Command): string {
  const above = command.parent;
  return above === null ? command.name() : `${pathOf(above)} ${command.name()}`;
}
