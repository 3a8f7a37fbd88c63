/** Time zones of Russia from west to east, each by a city that its people know. */
export const ZONES: readonly { name: string; text: string }[] = [
  { name: "Europe/Kaliningrad", text: "Калининград, МСК−1" },
  { name: "Europe/Moscow", text: "Москва, МСК" },
  { name: "Europe/Samara", text: "Самара, МСК+1" },
  { name: "Asia/Yekaterinburg", text: "Екатеринбург, МСК+2" },
  { name: "Asia/Omsk", text: "Омск, МСК+3" },
  { name: "Asia/Novosibirsk", text: "Новосибирск, МСК+4" },
  { name: "Asia/Krasnoyarsk", text: "Красноярск, МСК+4" },
  { name: "Asia/Irkutsk", text: "Иркутск, МСК+5" },
  { name: "Asia/Yakutsk", text: "Якутск, МСК+6" },
  { name: "Asia/Vladivostok", text: "Владивосток, МСК+7" },
  { name: "Asia/Magadan", text: "Магадан, МСК+8" },
  { name: "Asia/Kamchatka", text: "Петропавловск-Камчатский, МСК+9" },
];
