// Sends the form of a login or a launch on its way; without scripts its button does.
document.getElementById("lk-forward").submit();
