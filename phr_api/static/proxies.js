// The code of a picture that was read stands behind the #. It is put into its field and taken out of the address; the
// person still looks at what it offers, and sends it themselves.
"use strict";

const said = new URLSearchParams(location.hash.slice(1)).get("code");
if (said) {
  const field = document.getElementById("typed");
  field.value = said;
  history.replaceState(null, "", location.pathname);
  field.focus();
}
