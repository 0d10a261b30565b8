package org.tethral.coap;

import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAPMessageFormatException;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.MessageFormatException;
import org.eclipse.californium.core.network.serialization.MessageHeader;
import org.eclipse.californium.core.network.serialization.UdpDataParser;
import org.eclipse.californium.elements.util.DatagramReader;

/// Makes messages of datagrams. What Californium's own takes for a fault of the program, such as a
/// block that is longer than it says, is one of the sender.
final class Parser extends UdpDataParser {

    @Override
    protected Message parseMessage(DatagramReader reader, MessageHeader header, Message target) {
        try {
            return super.parseMessage(reader, header, target);
        } catch (MessageFormatException e) {
            throw e;
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new CoAPMessageFormatException(
                    String.valueOf(e.getMessage()),
                    header.getToken(),
                    header.getMID(),
                    header.getCode(),
                    header.getType() == CoAP.Type.CON,
                    CoAP.ResponseCode.BAD_REQUEST);
        }
    }
}
