"""Instagram Messaging with Instagram Login: https://developers.facebook.com/docs/instagram-platform."""
