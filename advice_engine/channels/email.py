"""E-mail by the city's mail server: SMTP submission (RFC 6409) under TLS (RFC 3207 STARTTLS; RFC 8314 from the start).

A mail server that takes a message twice cannot be kept from that; both have the same Message-ID, by which mail programs
show one.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from uuid import uuid4

from advice_engine.channel import Address, Message, SendFailed
from advice_engine.channels import _sealed, _words
from store.settings import BadSetting, Settings, require

TIMEOUT = 10.0  # seconds, of each answer
_NOBODY = re.compile(rb"^5\.1\.(1|2|3|6|10)\b")  # RFC 3463, 5248: there is no such mailbox
_REFUSED = (550, 551, 553)  # at RCPT, where the server gives no enhanced code


def _ready(settings: Settings) -> bool:
    if not settings.smtp_host:
        return False
    require(settings, "smtp_from")
    if settings.smtp_tls not in ("starttls", "tls"):
        raise BadSetting("PHR_SMTP_TLS: expected starttls or tls")
    return True


def _send(message: Message, address: Address, settings: Settings) -> None:
    mail = _mail(address.parts["to"], message.title, _words.letter(message, settings), settings)
    mail["Message-ID"] = f"<{message.key(address)}@{_domain(settings)}>"
    mail["List-Unsubscribe"] = f"<{_words.stop_link(settings)}>"
    if message.urgent:
        mail["Importance"] = "high"
    _post(mail, settings)


def _send_code(code: str, address: str, settings: Settings) -> None:
    mail = _mail(address, "確認の番号", _words.code(code) + "\n", settings)
    mail["Message-ID"] = f"<{uuid4()}@{_domain(settings)}>"
    _post(mail, settings)


def _mail(to: str, subject: str, text: str, settings: Settings) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = formataddr(("さかた健康記録", settings.smtp_from)), to, subject
    mail["Date"], mail["Auto-Submitted"] = formatdate(localtime=False), "auto-generated"  # RFC 3834
    mail.set_content(text, cte="base64")
    return mail


def _domain(settings: Settings) -> str:
    return settings.smtp_from.rpartition("@")[2]


def _post(mail: EmailMessage, settings: Settings) -> None:
    """Every text of smtplib's faults repeats an address: only their numbers go on."""
    try:
        with _server(settings) as server:
            if settings.smtp_username:
                server.login(settings.smtp_username, settings.smtp_password)
            server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as fault:
        raise _recipient(*next(iter(fault.recipients.values()))) from None
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError) as fault:
        raise SendFailed(f"smtp_{fault.smtp_code}") from None  # ours: it passes
    except smtplib.SMTPResponseException as fault:
        raise SendFailed(f"smtp_{fault.smtp_code}", final=fault.smtp_code >= 500) from None
    except (OSError, ValueError) as fault:  # SMTPException is an OSError; smtplib says of a timeout: disconnected
        late = isinstance(fault, TimeoutError) or isinstance(fault.__context__, TimeoutError)
        raise SendFailed("timeout" if late else type(fault).__name__) from None


def _recipient(code: int, said: bytes) -> SendFailed:
    """What was said to RCPT. A full mailbox or a policy (5.2.…, 5.7.…) does not end an address."""
    enhanced = re.match(rb"^\d\.\d{1,3}\.\d{1,3}\b", said)
    nobody = bool(_NOBODY.match(said)) if enhanced else code in _REFUSED
    return SendFailed(f"smtp_{code}", permanent=code >= 500 and nobody, final=code >= 500)


def _server(settings: Settings) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=settings.smtp_ca or None)
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
    server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    try:
        server.starttls(context=context)
    except BaseException:
        with suppress(OSError):
            server.close()
        raise
    return server


CHANNEL = _sealed.channel("email", rank=4, ready=_ready, send=_send, send_code=_send_code)
