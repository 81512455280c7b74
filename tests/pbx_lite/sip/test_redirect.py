from pbx_lite.sip.message import Headers
from pbx_lite.sip.redirect import contacts_by_q, reasons_of


def test_contacts_come_by_q_and_in_their_order_among_equals():
    headers = Headers(
        [
            ("Contact", "<sip:c@x>;q=0.1, <sip:a@x>, <sip:b@x>;q=1.0"),
            ("Contact", "<tel:+49>;q=junk, <mailto:a@b>, nonsense, <sip:a@x>;q=0.3"),
        ]
    )
    assert contacts_by_q(headers) == ("sip:a@x", "sip:b@x", "tel:+49", "sip:c@x")


def test_there_may_be_none_and_never_too_many():
    assert contacts_by_q(Headers()) == ()
    assert contacts_by_q(Headers([("Contact", '"open')])) == ()
    assert len(contacts_by_q(Headers([("Contact", f"<sip:{number}@x>") for number in range(100)]))) == 8


def test_reasons_come_together():
    assert reasons_of(Headers([("Reason", "SIP;cause=486"), ("Reason", "Q.850;cause=17")])) == (
        "SIP;cause=486, Q.850;cause=17"
    )
    assert reasons_of(Headers([("Reason", 'SIP;text="open, x')])) == ""
