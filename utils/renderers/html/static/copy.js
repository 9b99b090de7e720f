// Copying lines of the script; also where the browser gives pages no clipboard.

function announced(words) {
  document.getElementById("announcer").textContent = words;
}

function copiedByHand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "only-heard";
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch (error) {
    return false;
  } finally {
    field.remove();
  }
}

async function copied(text) {
  if (navigator.clipboard && navigator.clipboard.writeText) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      // Refused: the old way may still work.
    }
  }
  return copiedByHand(text);
}

function textBeside(button) {
  const command = button.closest(".command");
  if (command) return command.querySelector("code").textContent.trimEnd();
  const lines = document.querySelectorAll("#script-lines li:not(.removed) code");
  return Array.from(lines, (line) => `${line.textContent}\n`).join("");
}

function startCopying() {
  document.querySelectorAll("[data-copy]").forEach((button) => {
    const label = button.querySelector("span");
    button.addEventListener("click", async () => {
      const done = await copied(textBeside(button));
      button.focus();
      label.textContent = done ? "Copied" : "Select it";
      announced(done ? "Copied" : "It could not be copied; select the text instead");
      setTimeout(() => { label.textContent = "Copy"; }, 2000);
    });
  });
}
