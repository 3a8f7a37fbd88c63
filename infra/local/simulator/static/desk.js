// The salon's front desk: hands in an invoice in its own chat, and leads on to the console.

import { getDesk, sendInvoice, upload } from "./api.js";
import { $, toast } from "./dom.js";

/** Show the desk, if there is one. `open` shows its chat; what is returned brings the links up to date. */
export async function deskPanel(open) {
  let desk = await getDesk();
  if (!desk.user) return () => {};
  const where = () => ({ channel: desk.channel, bot: desk.bot, user: desk.user });
  const draw = () => {
    $("desk").hidden = false;
    $("desk-title").textContent = `Администратор салона · ${desk.name}`;
    $("desk-stock").href = desk.stock;
    $("desk-invoices").href = desk.invoices;
    $("desk-latest").hidden = !desk.latest;
    if (desk.latest) {
      $("desk-latest").href = desk.latest.url;
      $("desk-latest").textContent = `${desk.latest.words} ↗`;
    }
  };
  const hand = async (send) => {
    $("desk-send").setAttribute("aria-busy", "true");
    try {
      await open(where());
      await send();
    } catch (error) {
      toast(error.message);
    } finally {
      $("desk-send").removeAttribute("aria-busy");
    }
  };
  $("desk-send").addEventListener("click", () => hand(sendInvoice));
  $("desk-own").addEventListener("click", () => {
    $("desk-picker").value = "";
    $("desk-picker").click();
  });
  $("desk-picker").addEventListener("change", () => {
    const [file] = $("desk-picker").files;
    if (file) hand(() => upload("photo", where(), file));
  });
  draw();
  return async (change) => {
    if (change && change.user !== desk.user) return;
    desk = await getDesk();
    draw();
  };
}
