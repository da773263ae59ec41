/* global document, history, location */
// The demo prints an address with the token behind a `#`, which a browser sends to nobody. It is put into the field and
// taken out of the address; opening stays a press of the button, so that no link can log a person in as somebody else.
const field = document.getElementById('token');
const token = location.hash.slice(1);
if (/^[\w-]{43}$/.test(token)) {
  field.value = token;
  history.replaceState(null, '', location.pathname + location.search);
  document.querySelector('main button').focus();
}
