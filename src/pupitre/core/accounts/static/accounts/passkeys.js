// Say what went wrong with a passkey, in the page's own words, and nothing where all went well.
"use strict";

(() => {
  const said = document.getElementById("passkey-said");
  const buttons = document.querySelectorAll("[data-passkey]");
  const say = (what) => {
    said.textContent = said.dataset[what];
    said.hidden = false;
  };

  if (!window.PublicKeyCredential) {
    for (const button of buttons) button.disabled = true;
    say("missing");
    return;
  }
  for (const button of buttons) {
    button.addEventListener("click", () => { said.hidden = true; }, { capture: true });
  }
  const names = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    say(names[event.detail.exception?.name] ?? "failed");
  });
})();
