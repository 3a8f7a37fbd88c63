"""WhatsApp Cloud API: https://developers.facebook.com/docs/whatsapp/cloud-api. One number per salon's account."""
