const common = `any_errors_fatal become become_exe become_flags become_method become_user check_mode collections connection
  debugger diff environment ignore_errors ignore_unreachable module_defaults name no_log port remote_user run_once tags
  throttle timeout vars`;

const task = `${common} action args async async_val changed_when delay delegate_facts delegate_to failed_when listen
  local_action loop loop_control notify poll register retries until when`;

/** Keywords of ansible-core 2.14 to 2.19 (ansible/playbook). What is none of them is a module. */
export const taskKeywords = words(task);

export const blockKeywords = words(`${common} always block delegate_facts delegate_to notify rescue when`);

export const playKeywords = words(`${common} fact_path force_handlers gather_facts gather_subset gather_timeout handlers
  hosts import_playbook max_fail_percentage order post_tasks pre_tasks roles serial strategy tasks validate_argspec
  vars_files vars_prompt when`);

export const roleKeywords = words(`${common} delegate_facts delegate_to role when`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
